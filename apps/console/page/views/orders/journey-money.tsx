import type { Journey } from '../../../src/api/journey';
import { money } from '../../parts/format';
import { TimeAgo } from '../../parts/time-ago';
import classes from './journey.module.css';

/** What the ledger booked for it, and what its payment came to. */
export function JourneyMoney({ journey: { entries, payments } }: { journey: Journey }) {
  if (entries.length === 0 && payments.length === 0) return null;
  return (
    <section className={classes.money} aria-label="Money">
      {payments.map((payment) => (
        <p key={payment.id}>
          Payment <b>{payment.status}</b>, {money(payment.amount, payment.currency)}
          {payment.attempts.map((attempt) => (
            <span key={attempt.number} className="muted">
              {' '}
              · try {attempt.number}: {attempt.outcome} by {attempt.worker}
            </span>
          ))}
        </p>
      ))}
      {entries.length > 0 && (
        <table className={`rows ${classes.entries}`}>
          <caption>Booked by financial</caption>
          <thead>
            <tr>
              <th>Entry</th>
              <th>Account</th>
              <th className="right">Debit</th>
              <th className="right">Credit</th>
              <th className="right">Booked</th>
            </tr>
          </thead>
          <tbody>
            {entries.flatMap((entry) =>
              entry.postings.map((posting, index) => (
                <tr key={`${entry.id} ${posting.account}`}>
                  <td>{index === 0 ? entry.kind : ''}</td>
                  <td>{posting.account}</td>
                  <td className="right">{posting.debit && money(posting.debit, entry.currency)}</td>
                  <td className="right">
                    {posting.credit && money(posting.credit, entry.currency)}
                  </td>
                  <td className="right muted">{index === 0 && <TimeAgo at={entry.bookedAt} />}</td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      )}
    </section>
  );
}
