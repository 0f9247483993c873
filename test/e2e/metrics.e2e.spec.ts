import { environment, eventually, Scrape } from '@tradepost/test-kit';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { parse } from 'yaml';
import { services } from '../../apps/services';
import { blockIn } from '../../dev/marked-block';
import { ownShop } from './own-shop';
import { namesIn } from './promql';

const mugs = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 2 }] };

/** Every service at one moment. */
type Shopwide = Map<string, Scrape>;

describe('GET /metrics of every service', () => {
  const own = ownShop();

  const scrapeAll = async (): Promise<Shopwide> => {
    const all = services.map(async (name) => {
      return [name, await Scrape.of(own.shop.url(name))] as const;
    });
    return new Map(await Promise.all(all));
  };

  const sumOf = (at: Shopwide, name: string, labels: Record<string, string> = {}): number =>
    [...at.values()].reduce((sum, one) => sum + (one.value(name, labels) ?? 0), 0);

  const metrics = (name: string, test: () => Promise<void>) => it(name, own.telling(test), 60_000);

  metrics('counts what happened, exactly', async () => {
    const before = await scrapeAll();
    const place = async (paymentToken: string) => own.front.place({ ...mugs, paymentToken });
    const approved = await Promise.all(Array.from({ length: 5 }, () => place('tok_approve')));
    // Its first charge is not answered in time.
    const retried = await place('tok_timeout_once');
    const declined = await place('tok_decline');
    const rejected = await own.front.place({ ...mugs, customerId: 'nobody' });
    const refund = { paymentId: v7() };
    await own.broker.sendToQueue('payments.refund-payment', refund, { messageId: 'unknown' });
    await own.broker.sendToQueue('financial.sale-finalized', { nonsense: 1 }, { messageId: 'bad' });
    for (const { id } of [...approved, retried]) await own.front.orderWhen(id, 'completed');
    await own.front.orderWhen(declined.id, 'payment_failed');
    await own.front.orderWhen(rejected.id, 'rejected');
    const [{ id: cancelled } = declined] = approved;
    expect((await own.front.cancel(cancelled, 'changed-mind')).status).toBe(200);
    await own.front.orderWhen(cancelled, 'cancelled');

    let now = before;
    const more = (name: string, labels: Record<string, string>) =>
      sumOf(now, name, labels) - sumOf(before, name, labels);
    await eventually(
      async () => {
        now = await scrapeAll();
        expect(tableOf((name, labels) => more(name, labels))).toEqual(happened);
      },
      { withinMs: 20_000 },
    );

    // What was sent to a queue has been taken from it.
    const to = (queue: string) => ({ messaging_destination_name: queue });
    for (const queue of ['orders.confirm-order', 'payments.charge-payment']) {
      expect(more(consumed, { ...to(queue), error_type: '' })).toBe(more(sent, to(queue)));
    }
    expect(more(consumed, to('users.get-user'))).toBe(more(sent, to('users.get-user')));
    const dead = to('financial.sale-finalized.dead');
    expect(sumOf(now, 'messaging_dead_letters', dead)).toBe(1);
    expect(sumOf(now, 'shop_orders_unfinished')).toBe(0);
    const ledger = now.get('financial')?.all('shop_ledger_imbalance_minor_units');
    expect(ledger?.map(({ labels, value }) => [labels.currency, value])).toEqual([['USD', 0]]);
    expect(sumOf(now, 'metrics_source_up')).toBe(2 * services.length + 2);
    expect(sumOf(now, 'messaging_messages_in_hand', to('financial.sale-finalized'))).toBe(0);
  });

  // After the test above: what happened there has made every series.
  metrics('is what docs/OPERATIONS.md says', async () => {
    const rows = [...familiesOf([...(await scrapeAll()).values()])]
      .filter(([name]) => !/^(process|nodejs)_/.test(name))
      .map(([name, { type, labels, help }]) => {
        const named = labels.map((label) => `\`${label}\``).join(', ');
        return `| \`${name}\` | ${type} | ${named} | ${help} |`;
      });
    const table = ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows.sort()];
    expect(blockIn(read('docs/OPERATIONS.md'), 'metrics').trim().split('\n')).toEqual(table);
  });

  metrics('has all that dashboards and alerts ask for', async () => {
    const { metricsUrl } = environment();
    const detailed = '/metrics/detailed?family=queue_coarse_metrics&family=queue_consumer_count';
    const ofBroker = metricsUrl
      ? [await Scrape.of(metricsUrl), await Scrape.of(metricsUrl, detailed)]
      : [];
    const there = familiesOf([...(await scrapeAll()).values(), ...ofBroker]);
    const wanting = asked().flatMap(({ where, expression }) => {
      const { metrics, labels } = namesIn(expression);
      // A broker of somebody's own may not have its plugin.
      const families = metrics
        .filter((name) => metricsUrl !== undefined || !name.startsWith('rabbitmq_'))
        // Prometheus' own.
        .filter((name) => name !== 'up')
        .map((name) => there.get(name) ?? there.get(name.replace(/_(bucket|sum|count)$/, '')));
      const known = new Set(['job', 'service', 'instance', 'le']);
      for (const family of families) for (const label of family?.labels ?? []) known.add(label);
      const isAll = metrics.length > 0 && !families.includes(undefined);
      const unknown = metricsUrl === undefined ? [] : labels.filter((one) => !known.has(one));
      return isAll && unknown.length === 0 ? [] : [`${where}: ${expression} (${unknown.join()})`];
    });
    expect(wanting).toEqual([]);
    expect(asked().length).toBeGreaterThan(50);
  });
});

const read = (file: string) => readFileSync(join(__dirname, '../..', file), 'utf8');

/** Every expression of the dashboards and the alerts, with the labels that its legend names. */
function asked(): { where: string; expression: string }[] {
  const folder = 'deploy/telemetry/grafana/dashboards';
  const files = readdirSync(join(__dirname, '../..', folder));
  const panels = files.flatMap((file) => {
    const { panels, templating } = JSON.parse(read(`${folder}/${file}`)) as Dashboard;
    const targets = panels.flatMap((panel) => panel.targets);
    const variables = templating.list.map(({ query }) =>
      query.replace(/^label_values\((\w+), (\w+)\)$/, 'sum by ($2) ($1)'),
    );
    const shown = targets.map(({ expr, legendFormat }) => {
      const legend = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      return `sum by (${legend.join(', ')}) (${expr})`;
    });
    return [...shown, ...variables].map((expression) => ({ where: file, expression }));
  });
  const { groups } = parse(read('deploy/telemetry/rules.yml')) as {
    groups: { rules: { alert: string; expr: string }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  return [...panels, ...rules.map(({ alert: where, expr: expression }) => ({ where, expression }))];
}

interface Dashboard {
  panels: { targets: { expr: string; legendFormat: string }[] }[];
  templating: { list: { query: string }[] };
}

/** What all of the scrapes have, with the labels that were seen. */
function familiesOf(scrapes: Scrape[]) {
  const families = new Map<string, { help: string; type: string; labels: string[] }>();
  for (const { families: own, samples } of scrapes) {
    for (const [name, family] of own) {
      const known = new Set(families.get(name)?.labels);
      const parts = ['', '_bucket', '_sum', '_count'].map((part) => `${name}${part}`);
      for (const sample of samples) {
        if (!parts.includes(sample.name)) continue;
        for (const label of Object.keys(sample.labels)) if (label !== 'le') known.add(label);
      }
      families.set(name, { ...family, labels: [...known].sort() });
    }
  }
  return families;
}

const sent = 'messaging_client_sent_messages_total';
const consumed = 'messaging_client_consumed_messages_total';

/**
 * Eight orders: one of nobody, one declined, one charged at the second try, one cancelled; and two
 * messages that are wrong.
 */
const happened = {
  placed: 8,
  rejected: 1,
  awaitingPayment: 7,
  paid: 6,
  completed: 6,
  failed: 1,
  cancelled: 1,
  answered: 8,
  saleFinalizedSent: 7,
  saleFinalizedBooked: 7,
  saleFinalizedRefused: 1,
  saleFinalizedDead: 1,
  saleFinalizedOpened: 7,
  saleBooked: 7,
  charged: 7,
  chargeTimedOut: 1,
  chargeRetried: 1,
  capturedSent: 6,
  capturedHeard: 12,
  declinedHeard: 2,
  refunded: 1,
  refundUnknown: 1,
  refundDead: 1,
  moneyCaptured: 15_000,
  moneyRefunded: 2_500,
};

function tableOf(
  more: (name: string, labels: Record<string, string>) => number,
): Record<keyof typeof happened, number> {
  const reached = (state: string) => more('shop_order_states_total', { state });
  const handled = (queue: string, error = '') =>
    more(consumed, { messaging_destination_name: queue, error_type: error });
  const sentTo = (destination: string) => more(sent, { messaging_destination_name: destination });
  const heardBy = (...queues: string[]) => queues.reduce((sum, queue) => sum + handled(queue), 0);
  const sales = { messaging_destination_name: 'financial.sale-finalized' };
  const refunds = { messaging_destination_name: 'payments.refund-payment' };
  const charges = { messaging_destination_name: 'payments.charge-payment' };
  return {
    placed: reached('pending'),
    rejected: reached('rejected'),
    awaitingPayment: reached('awaiting_payment'),
    paid: reached('paid'),
    completed: reached('completed'),
    failed: reached('payment_failed'),
    cancelled: reached('cancelled'),
    answered: more('http_server_request_duration_seconds_count', {
      http_route: '/v1/orders',
      http_request_method: 'POST',
      http_response_status_code: '201',
    }),
    saleFinalizedSent: sentTo('sale-finalized'),
    saleFinalizedBooked: handled('financial.sale-finalized'),
    saleFinalizedRefused: handled('financial.sale-finalized', 'invalid_body'),
    saleFinalizedDead: more('messaging_dead_lettered_messages_total', sales),
    saleFinalizedOpened: handled('payments.sale-finalized'),
    saleBooked: handled('orders.sale-booked'),
    charged: handled('payments.charge-payment'),
    chargeTimedOut: handled('payments.charge-payment', 'gateway_timeout'),
    chargeRetried: more('messaging_retried_messages_total', charges),
    capturedSent: sentTo('payment-captured'),
    capturedHeard: heardBy('orders.payment-captured', 'financial.payment-captured'),
    declinedHeard: heardBy('orders.payment-declined', 'financial.payment-declined'),
    refunded: handled('payments.refund-payment'),
    refundUnknown: handled('payments.refund-payment', 'payment_unknown'),
    refundDead: more('messaging_dead_lettered_messages_total', refunds),
    moneyCaptured: more('shop_money_captured_minor_units_total', { currency: 'USD' }),
    moneyRefunded: more('shop_money_refunded_minor_units_total', { currency: 'USD' }),
  };
}
