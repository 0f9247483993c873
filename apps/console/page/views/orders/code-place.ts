const edges = ['Work', 'Fanout', 'Topic', 'Rpc'];

/**
 * Where a handler stands, as docs/STYLE.md names files: `ChargePaymentWork.handle` of payments is
 * in `apps/payments/src/charge-payment.work.ts`.
 */
export function codeOf(service: string, handler: string): { file: string; method: string } {
  const [type = '', method = 'handle'] = handler.split('.');
  const edge = edges.find((each) => type.endsWith(each));
  const name = kebab(edge ? type.slice(0, -edge.length) : type);
  const suffix = edge ? `.${edge.toLowerCase()}` : '';
  return { file: `apps/${service}/src/${name}${suffix}.ts`, method };
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}
