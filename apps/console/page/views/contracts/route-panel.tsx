import type { RouteContent, RouteDocument } from '../../../src/api/documents';
import { StateBadge } from '../../parts/badge';
import { Facts, PanelSection, SidePanel } from '../../parts/side-panel';
import { EmptyState } from '../../parts/states';
import { NavLink } from '../nav-link';
import classes from './contracts.module.css';
import { nameOfRoute, panelWidth } from './find';
import { Prose } from './prose';
import { parameterRows } from './schema-rows';
import { Example, FieldTable, SchemaTable } from './schema-table';

interface Props {
  selected: string;
  /** Undefined: there is none, or its service does not answer. */
  route?: RouteDocument;
  onClose: () => void;
}

/** One route: what it is asked for, and all that it may answer. */
export function RoutePanel({ selected, route, onClose }: Props) {
  return (
    <SidePanel
      title={<code className={classes.routeTitle}>{route ? nameOfRoute(route) : selected}</code>}
      label="The selected route"
      width={panelWidth}
      onClose={onClose}
    >
      {route ? (
        <Route route={route} />
      ) : (
        <EmptyState title="There is no such route" hint="Or its service does not answer now." />
      )}
    </SidePanel>
  );
}

function Route({ route }: { route: RouteDocument }) {
  const { service, parameters, body, answers } = route;
  return (
    <>
      <Prose text={route.text || route.summary} className={classes.lead} />
      <Facts
        facts={[
          [
            'Service',
            <NavLink to={`/flow?service=${encodeURIComponent(service)}`}>{service}</NavLink>,
          ],
          ['Who may', route.forOperators ? 'operators, with the ops token' : undefined],
        ]}
      />
      {parameters.length > 0 && (
        <PanelSection title="Parameters">
          <FieldTable rows={parameterRows(parameters)} label="Parameters" />
        </PanelSection>
      )}
      {body.map((content) => (
        <PanelSection key={content.mediaType} title={`Body: ${content.mediaType}`}>
          <Content content={content} label="the body" />
        </PanelSection>
      ))}
      <PanelSection title="Answers">
        {answers.map((answer) => (
          <Answer key={answer.status} answer={answer} />
        ))}
      </PanelSection>
    </>
  );
}

function Answer({ answer: { status, text, contents } }: { answer: RouteDocument['answers'][0] }) {
  const isGood = status.startsWith('2');
  return (
    <details open={isGood} className={classes.answer}>
      <summary>
        <StateBadge tone={isGood ? 'ok' : 'waiting'}>{status}</StateBadge> {text}
      </summary>
      {contents.map((content) => (
        <Content key={content.mediaType} content={content} label={`the answer ${status}`} />
      ))}
    </details>
  );
}

function Content({ content, label }: { content: RouteContent; label: string }) {
  const { mediaType, schema, examples } = content;
  if (mediaType === 'application/problem+json') return <Problems content={content} />;
  return (
    <>
      {mediaType !== 'application/json' && <p className="muted">{mediaType}</p>}
      <SchemaTable schema={schema} label={`Fields of ${label}`} />
      <Example values={examples.map(({ value }) => value)} label={`Example of ${label}`} />
    </>
  );
}

/** Each problem by its example: their fields are the same everywhere. */
function Problems({ content: { schema, examples } }: { content: RouteContent }) {
  if (examples.length === 0) return <SchemaTable schema={schema} label="Fields of the problem" />;
  return (
    <ul className={classes.problems}>
      {examples.map(({ name = '', value }) => {
        const { title, detail } = value as { title?: string; detail?: string };
        return (
          <li key={name}>
            <code>{name}</code> <span>{title}</span>
            <Prose text={detail ?? ''} className={classes.text} />
          </li>
        );
      })}
    </ul>
  );
}
