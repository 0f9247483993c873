export { SandboxBooks } from './books.store';
export type { ChargeRecord } from './charge';
export { ChargesQuery, listCharges } from './list-charges';
export { decide } from './rules';
