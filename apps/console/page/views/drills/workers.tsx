import type { DrillsState } from '../../../src/api/drills';
import { StateBadge } from '../../parts/badge';
import classes from './drills.module.css';

/** The processes of each service. */
export function Workers({ workers }: { workers: DrillsState['workers'] }) {
  return (
    <section className={classes.part} aria-label="Workers">
      <div className={classes.partHead}>
        <h2>Workers</h2>
      </div>
      <table className="rows">
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Process</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {workers.map(({ service, instance, pid, url, state }) => (
            <tr key={`${service} ${instance} ${pid}`}>
              <td>{service}</td>
              <td className="mono" title={url}>
                {pid > 0 ? pid : '–'}
              </td>
              <td>
                <StateBadge tone={toneOf(state)}>{state}</StateBadge>
              </td>
            </tr>
          ))}
          {workers.length === 0 && (
            <tr>
              <td colSpan={3} className="muted">
                None runs.
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

function toneOf(state: string) {
  if (/ready|running|ok|up/.test(state)) return 'ok';
  return /stop|down|exit|kill|fail|crash/.test(state) ? 'failed' : 'waiting';
}
