import { Button, NativeSelect, NumberInput, Radio, SegmentedControl, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import type { NewOrder, OrderDetails, Product } from '../../../src/api/orders';
import { useApi } from '../../api/queries';
import { post } from '../../api/request';
import { money } from '../../parts/format';
import { LateSkeleton } from '../../parts/late-skeleton';
import { SidePanel } from '../../parts/side-panel';
import { Problem } from '../../parts/states';
import { useUrl } from '../../url/search-params';
import { BurstForm } from './burst-form';
import classes from './orders.module.css';

type Payment = NewOrder['payment'];

const endings: [Payment, label: string, description: string][] = [
  ['approve', 'It is paid', 'The gateway takes the money.'],
  ['decline', 'It is declined', 'The gateway says no: the sale is reversed.'],
  ['timeout-once', 'It times out once', 'The first try fails, the second is paid.'],
  ['timeout', 'It times out', 'Every try fails: the charge becomes a dead letter.'],
  ['unknown-customer', 'Nobody knows the customer', 'users answers the question with an error.'],
];

export default function PlacePanel({ onClose }: { onClose: () => void }) {
  const { get, set } = useUrl();
  const burst = get('place') === 'burst';
  const products = useApi<{ items: Product[] }>('/api/products', {}, { staleMs: 60_000 });
  const customers = useApi<{ items: { id: string; name: string }[] }>('/api/customers');
  const ready = products.data && customers.data;
  return (
    <SidePanel title="Place orders" label="Place orders" onClose={onClose} width={380}>
      <SegmentedControl
        fullWidth
        size="xs"
        mb="md"
        aria-label="How many"
        value={burst ? 'burst' : 'one'}
        data={[
          { value: 'one', label: 'One' },
          { value: 'burst', label: 'A burst' },
        ]}
        onChange={(place) => set({ place }, { replace: true })}
      />
      {products.error && <Problem error={products.error} />}
      {customers.error && <Problem error={customers.error} />}
      {ready ? (
        <OrderForm products={products.data.items} customers={customers.data.items} burst={burst} />
      ) : (
        <LateSkeleton />
      )}
    </SidePanel>
  );
}

interface FormProps {
  products: Product[];
  customers: { id: string; name: string }[];
  burst: boolean;
}

function OrderForm({ products, customers, burst }: FormProps) {
  const [customerId, setCustomerId] = useState(customers[0]?.id ?? '');
  const currencies = currenciesOf(products);
  const [currency, setCurrency] = useState(currencies[0] ?? 'EUR');
  const [payment, setPayment] = useState<Payment>('approve');
  const offered = products.filter(({ prices }) => prices[currency] !== undefined);
  const [quantities, setQuantities] = useState<Record<string, number>>({
    [offered[0]?.sku ?? '']: 1,
  });
  const items = offered
    .map(({ sku }) => ({ sku, quantity: quantities[sku] ?? 0 }))
    .filter(({ quantity }) => quantity > 0);
  const order: NewOrder = { customerId, currency, items, payment };
  return (
    <div className={classes.form}>
      <div className={classes.pair}>
        <NativeSelect
          label="Customer"
          value={customerId}
          data={customers.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(event) => setCustomerId(event.currentTarget.value)}
        />
        <NativeSelect
          label="Currency"
          value={currency}
          data={currencies}
          onChange={(event) => setCurrency(event.currentTarget.value)}
        />
      </div>
      <Basket
        products={offered}
        currency={currency}
        quantities={quantities}
        onQuantity={(sku, quantity) => setQuantities({ ...quantities, [sku]: quantity })}
      />
      <Radio.Group
        label="How the payment ends"
        value={payment}
        onChange={(value) => setPayment(value)}
      >
        <Stack gap={8} mt={8}>
          {endings.map(([value, label, description]) => (
            <Radio key={value} size="xs" value={value} label={label} description={description} />
          ))}
        </Stack>
      </Radio.Group>
      {burst ? <BurstForm order={order} /> : <PlaceOne order={order} />}
    </div>
  );
}

/** Those in which most products are sold first. */
function currenciesOf(products: Product[]): string[] {
  const sold = new Map<string, number>();
  for (const currency of products.flatMap(({ prices }) => Object.keys(prices))) {
    sold.set(currency, (sold.get(currency) ?? 0) + 1);
  }
  return [...sold].sort(([, a], [, b]) => b - a).map(([currency]) => currency);
}

interface BasketProps {
  products: Product[];
  currency: string;
  quantities: Record<string, number>;
  onQuantity: (sku: string, quantity: number) => void;
}

function Basket({ products, currency, quantities, onQuantity }: BasketProps) {
  const priceOf = ({ prices }: Product) => prices[currency] ?? 0;
  const total = products.reduce(
    (sum, product) => sum + priceOf(product) * (quantities[product.sku] ?? 0),
    0,
  );
  return (
    <fieldset className={classes.products}>
      <legend>Products</legend>
      {products.map((product) => (
        <div key={product.sku} className={classes.product}>
          <label htmlFor={`quantity-${product.sku}`}>
            {product.name} <span className="muted">{money(priceOf(product), currency)}</span>
          </label>
          <NumberInput
            id={`quantity-${product.sku}`}
            size="xs"
            w={64}
            min={0}
            max={99}
            allowDecimal={false}
            value={quantities[product.sku] ?? 0}
            onChange={(value) => onQuantity(product.sku, Number(value) || 0)}
          />
        </div>
      ))}
      <div className={classes.total}>
        <span>Total</span>
        <span>{money(total, currency)}</span>
      </div>
    </fieldset>
  );
}

function PlaceOne({ order }: { order: NewOrder }) {
  const [, navigate] = useLocation();
  const placing = useMutation({
    mutationFn: () => post<OrderDetails>('/api/orders', order),
    onSuccess: ({ id }) => navigate(`/orders/${id}`),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    placing.mutate();
  };
  return (
    <form onSubmit={onSubmit}>
      <Button
        type="submit"
        size="sm"
        fullWidth
        loading={placing.isPending}
        disabled={order.items.length === 0}
      >
        Place it and watch its journey
      </Button>
      {order.items.length === 0 && <p className="muted">It needs a product.</p>}
      {placing.error && <Problem error={placing.error} />}
    </form>
  );
}
