export { SandboxBooks } from './books.store';
export {
  type AskedCharge,
  ChargeMismatch,
  type ChargeRecord,
  type SandboxCharge,
  type Verdict,
} from './charge';
export { ChargesQuery, listCharges } from './list-charges';
export { decide } from './rules';
