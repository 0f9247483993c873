import type { ReactNode } from 'react';
import type { MessageDocument } from '../../../src/api/documents';
import { PatternMark } from '../../parts/pattern-mark';
import { patterns } from '../../parts/patterns';
import { Facts, PanelSection, SidePanel } from '../../parts/side-panel';
import { EmptyState } from '../../parts/states';
import { NavLink } from '../nav-link';
import classes from './contracts.module.css';
import { panelWidth } from './find';
import { Prose } from './prose';
import { Example, SchemaTable } from './schema-table';

interface Props {
  selected: string;
  /** Undefined: there is none of this name. */
  message?: MessageDocument;
  onClose: () => void;
}

/** One contract: who says it to whom, and what is in it. */
export function MessagePanel({ selected, message, onClose }: Props) {
  return (
    <SidePanel
      title={message?.contract ?? selected}
      label="The selected contract"
      width={panelWidth}
      onClose={onClose}
    >
      {message ? (
        <Message message={message} />
      ) : (
        <EmptyState title="There is no such contract" hint="Its name may have been another." />
      )}
    </SidePanel>
  );
}

function Message({ message }: { message: MessageDocument }) {
  const { contract, body, examples, replies, properties, headers } = message;
  return (
    <>
      <Prose text={message.text} className={classes.lead} />
      <Way message={message} />
      <PanelSection title="Body">
        <SchemaTable schema={body} label={`Fields of ${contract}`} />
        <Example values={examples} label={`Example of ${contract}`} />
      </PanelSection>
      {replies.map((reply) => (
        <PanelSection key={reply.contract} title={`Answer: ${reply.contract}`}>
          <Prose text={reply.text} className={classes.lead} />
          <SchemaTable schema={reply.body} label={`Fields of ${reply.contract}`} />
          <Example values={reply.examples} label={`Example of ${reply.contract}`} />
        </PanelSection>
      ))}
      <PanelSection title="Around the body">
        <details>
          <summary>Properties of AMQP</summary>
          <SchemaTable schema={properties} label="Properties" />
        </details>
        <details>
          <summary>Headers</summary>
          <SchemaTable schema={headers} label="Headers" />
        </details>
      </PanelSection>
    </>
  );
}

/** From whom to whom, and by what. */
function Way({ message }: { message: MessageDocument }) {
  const { pattern, place, sentBy, heardBy, bundled } = message;
  const isQueue = pattern === 'work' || pattern === 'rpc';
  const toFlow = (key: string, name: string) => `/flow?${key}=${encodeURIComponent(name)}`;
  return (
    <Facts
      facts={[
        [
          'Pattern',
          <>
            <PatternMark pattern={pattern} word />{' '}
            <span className="muted">{patterns[pattern].meaning}</span>
          </>,
        ],
        [isQueue ? 'Queue' : 'Exchange', <code>{place}</code>],
        [
          'Sent by',
          sentBy.length === 0 ? (
            'nobody here'
          ) : (
            <Lines>
              {sentBy.map((service) => (
                <NavLink key={service} to={toFlow('service', service)}>
                  {service}
                </NavLink>
              ))}
            </Lines>
          ),
        ],
        [
          pattern === 'rpc' ? 'Answered by' : 'Heard by',
          heardBy.length === 0 ? (
            'nobody here'
          ) : (
            <Lines>
              {heardBy.map(({ service, queue, handler, retries }) => (
                <span key={`${queue} ${handler}`}>
                  {service}, <NavLink to={toFlow('queue', queue)}>{<code>{queue}</code>}</NavLink>
                  <span className={classes.handler}>
                    <code>{handler}</code>
                    {retries.length > 0 && `, again after ${retries.join(', ')}`}
                  </span>
                </span>
              ))}
            </Lines>
          ),
        ],
        ['Bundled', bundled ? 'up to 16 in one message, as a list of CloudEvents' : undefined],
      ]}
    />
  );
}

function Lines({ children }: { children: ReactNode[] }) {
  return <div className={classes.lines}>{children}</div>;
}
