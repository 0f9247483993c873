import type { DeadLetterGroup, DeadLetterSearch } from '../../../src/api/dead-letters';
import { count } from '../../parts/format';
import { TimeAgo } from '../../parts/time-ago';
import { Bars } from '../sparkline';
import classes from './dead-letters.module.css';

interface Props {
  groups: DeadLetterGroup[];
  search: DeadLetterSearch;
  /** Undefined: of all groups again. */
  onChoose: (group: DeadLetterGroup | undefined) => void;
}

/** What failed, by its cause: a row each, which narrows the search to it. */
export function Groups({ groups, search, onChoose }: Props) {
  return (
    <table className={`rows ${classes.groups}`}>
      <caption className="unseen">By cause</caption>
      <thead>
        <tr>
          <th scope="col">Cause</th>
          <th scope="col" className="right">
            Messages
          </th>
          <th scope="col" className="right">
            Last
          </th>
        </tr>
      </thead>
      <tbody>
        {groups.map((group) => (
          <Row
            key={`${group.queue} ${group.errorCode} ${group.handler}`}
            group={group}
            chosen={search.queue === group.queue && search.code === group.errorCode}
            onChoose={onChoose}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row({ group, chosen, onChoose }: { group: DeadLetterGroup; chosen: boolean } & Choose) {
  const { queue, errorCode, errorMessage, trend, firstFailedAt, lastFailedAt } = group;
  const choose = () => onChoose(chosen ? undefined : group);
  return (
    <tr data-clickable data-selected={chosen} onClick={choose}>
      <td className={classes.cause}>
        <button
          type="button"
          className={`${classes.choose} ellipsis`}
          aria-pressed={chosen}
          onClick={(event) => {
            event.stopPropagation();
            choose();
          }}
        >
          {errorCode}
        </button>
        <div className="mono ellipsis" title={queue}>
          {queue}
        </div>
        <div className="muted ellipsis" title={errorMessage}>
          {errorMessage}
        </div>
      </td>
      <td className="right">
        <div className={classes.count}>{count(group.count)}</div>
        <Bars
          values={trend}
          width={72}
          colour="var(--failed)"
          label={`Failed in the last 24 hours: ${count(trend.reduce((sum, one) => sum + one, 0))}`}
        />
      </td>
      <td className={`right ${classes.times}`}>
        {lastFailedAt && <TimeAgo at={lastFailedAt} />}
        {firstFailedAt && firstFailedAt !== lastFailedAt && (
          <div className="muted">
            since <TimeAgo at={firstFailedAt} />
          </div>
        )}
      </td>
    </tr>
  );
}

interface Choose {
  onChoose: Props['onChoose'];
}
