import type { LogEntry } from '../../../src/api/logs';
import { shortened } from '../../parts/id';
import { NavLink } from '../nav-link';
import classes from './logs.module.css';

export const rowHeight = 28;

export interface LineActs {
  onSelect: (id: string) => void;
  onFilter: (key: string, value: string) => void;
}

type Props = LineActs & { entry: LogEntry; selected: boolean };

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** One line of the log in one row; each of its fields narrows the search. */
export function LogLine({ entry, selected, onSelect, onFilter }: Props) {
  const { id, time, level, service, message, traceId, data } = entry;
  return (
    <tr
      data-level={level}
      data-selected={selected}
      style={{ height: rowHeight }}
      onClick={() => onSelect(id)}
    >
      <td className={`mono muted ${classes.time}`} title={time}>
        {clock.format(Date.parse(time))}
      </td>
      <td className={classes.level}>{level}</td>
      <td className={`muted ${classes.service}`}>{service}</td>
      <td className={classes.line}>
        <button
          type="button"
          className={classes.message}
          onClick={(event) => {
            event.stopPropagation();
            onSelect(id);
          }}
        >
          {message}
        </button>
        {Object.entries(data ?? {}).map(([name, value]) => (
          <Field key={name} name={name} value={value} onFilter={onFilter} />
        ))}
        {traceId && (
          <Filter name="trace" value={traceId} text={shortened(traceId, 4)} onFilter={onFilter} />
        )}
      </td>
    </tr>
  );
}

type FieldProps = { name: string; value: unknown; onFilter: Props['onFilter'] };

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;

function Field({ name, value, onFilter }: FieldProps) {
  if (name === 'orderId' && typeof value === 'string') {
    return (
      <span className={classes.field}>
        <span className="muted">order </span>
        <NavLink to={`/orders/${value}`} id={value} />
      </span>
    );
  }
  if (typeof value === 'object' && value !== null) {
    const text = JSON.stringify(value);
    return (
      <span className={classes.field} title={text}>
        <span className="muted">{name}=</span>
        {text.length > 60 ? `${text.slice(0, 60)}…` : text}
      </span>
    );
  }
  const text = String(value);
  const short = uuid.test(text) ? shortened(text) : text.slice(0, 80);
  return <Filter name={name} value={text} text={short} onFilter={onFilter} />;
}

type FilterProps = { name: string; value: string; text: string; onFilter: Props['onFilter'] };

function Filter({ name, value, text, onFilter }: FilterProps) {
  return (
    <button
      type="button"
      className={classes.field}
      title={`Only ${name}: ${value}`}
      onClick={(event) => {
        event.stopPropagation();
        onFilter(name, value);
      }}
    >
      <span className="muted">{name}=</span>
      {text}
    </button>
  );
}
