import type { Ledger, LedgerSeries } from '../../../src/api/ledger';
import { useApi } from '../../api/queries';
import { Chart } from '../../parts/chart';
import { money } from '../../parts/format';
import { LateSkeleton } from '../../parts/late-skeleton';
import { ErrorState } from '../../parts/states';
import { Money } from '../../parts/time-ago';
import { useTimeRange } from '../../url/time-range';
import { Sparkline } from '../sparkline';
import classes from './ledger.module.css';
import { isCreditSide, onItsSide, shortMoney } from './ledger-words';

type Balance = Ledger['currencies'][number];

const colours = ['var(--work)', 'var(--fanout)', 'var(--rpc)', 'var(--topic)', 'var(--muted)'];

/** The accounts of one currency, now and over the chosen time. */
export function CurrencyBooks({ balance }: { balance: Balance }) {
  const { currency } = balance;
  const range = useTimeRange();
  const series = useApi<LedgerSeries>(
    '/api/ledger/series',
    { currency, from: range.from },
    { keep: true, staleMs: 60_000 },
  );
  return (
    <>
      <Accounts balance={balance} series={series.data} />
      <h2 className="subtitle">Balances, {range.label.toLowerCase()}</h2>
      {series.isPending && <LateSkeleton lines={4} />}
      {series.isError && (
        <ErrorState
          what="What the balances were could not be read"
          error={series.error}
          still="The balances above are those of now."
          onRetry={() => void series.refetch()}
        />
      )}
      {series.data && <OverTime series={series.data} />}
    </>
  );
}

function Accounts({ balance, series }: { balance: Balance; series?: LedgerSeries }) {
  const { currency, accounts, debit, credit } = balance;
  const both = { debit, credit };
  return (
    <div
      className={classes.scroll}
      tabIndex={0}
      role="group"
      aria-label={`Accounts in ${currency}`}
    >
      <table className="rows" aria-label={`Accounts in ${currency}`}>
        <thead>
          <tr>
            <th scope="col">Account</th>
            <th scope="col" className={classes.spark}>
              Its balance over time
            </th>
            <th scope="col" className="right">
              Debit
            </th>
            <th scope="col" className="right">
              Credit
            </th>
          </tr>
        </thead>
        <tbody>
          {accounts.map((account) => {
            const name = account.account;
            const values = series?.accounts[name];
            return (
              <tr key={name}>
                <th scope="row" className={classes.account}>
                  {name}
                </th>
                <td className={classes.spark}>
                  {values && (
                    <Sparkline
                      values={onItsSide(values)}
                      label={`The balance of ${name} over time`}
                    />
                  )}
                </td>
                {(['debit', 'credit'] as const).map((side) => (
                  <td key={side} className="right">
                    {account[side] !== 0 && <Money amount={account[side]} currency={currency} />}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" className={classes.account}>
              Total
            </th>
            <td className={classes.spark} />
            {(['debit', 'credit'] as const).map((side) => (
              <td key={side} className="right">
                <Money amount={both[side]} currency={currency} />
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function OverTime({ series }: { series: LedgerSeries }) {
  const { currency, at, accounts } = series;
  const lines = Object.entries(accounts).map(([account, values], index) => ({
    label: isCreditSide(values) ? `${account} (credit)` : account,
    colour: colours[index % colours.length] ?? 'var(--muted)',
    values: onItsSide(values),
  }));
  return (
    <Chart
      at={at}
      lines={lines}
      height={220}
      label={`Balances of the accounts in ${currency} over time`}
      format={(value) => money(value, currency)}
      axisFormat={(value) => shortMoney(value, currency)}
    />
  );
}
