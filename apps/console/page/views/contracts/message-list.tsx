import { Link } from 'wouter';
import type { MessageDocument } from '../../../src/api/documents';
import { PatternMark } from '../../parts/pattern-mark';
import { patterns } from '../../parts/patterns';
import { useListKeys } from '../../parts/use-list-keys';
import { changed, useUrl } from '../../url/search-params';
import { listed } from '../words';
import classes from './contracts.module.css';
import { useSeen } from './use-seen';

interface Props {
  messages: MessageDocument[];
  selected?: string;
}

const order = ['work', 'fanout', 'topic', 'rpc'] as const;

/** The contracts, by the way they travel. */
export function MessageList({ messages, selected }: Props) {
  const { params, set } = useUrl();
  const groups = order
    .map((pattern) => [pattern, messages.filter((one) => one.pattern === pattern)] as const)
    .filter(([, items]) => items.length > 0);
  const list = useSeen(selected);
  useListKeys({
    items: groups.flatMap(([, items]) => items),
    idOf: ({ contract }) => contract,
    selected,
    onMove: (contract) => set({ contract }, { replace: true }),
  });
  return (
    <table ref={list} className={`rows ${classes.list}`}>
      <thead>
        <tr>
          <th scope="col">Contract</th>
          <th scope="col" className={classes.roomy}>
            Queue or exchange
          </th>
          <th scope="col" className={classes.roomy}>
            Sent by
          </th>
          <th scope="col" className={classes.roomy}>
            Heard by
          </th>
        </tr>
      </thead>
      {groups.map(([pattern, items]) => (
        <tbody key={pattern}>
          <tr>
            <th scope="rowgroup" colSpan={4} className={classes.group}>
              <PatternMark pattern={pattern} word />{' '}
              <span className="muted">{patterns[pattern].meaning}</span>
            </th>
          </tr>
          {items.map(({ contract, place, sentBy, heardBy }) => (
            <tr
              key={contract}
              data-clickable
              data-selected={contract === selected}
              onClick={() => set({ contract })}
            >
              <td>
                <Link
                  href={`/contracts${changed(params.toString(), { contract })}`}
                  className={classes.name}
                  onClick={(event) => event.stopPropagation()}
                >
                  {contract}
                </Link>
                <code className={classes.below}>{place}</code>
              </td>
              <td className={classes.roomy}>
                <code className="muted">{place}</code>
              </td>
              <td className={classes.roomy}>{listed(sentBy) || '–'}</td>
              <td className={classes.roomy}>
                {listed([...new Set(heardBy.map(({ service }) => service))]) || '–'}
              </td>
            </tr>
          ))}
        </tbody>
      ))}
    </table>
  );
}
