/** The currencies the shop trades in (ISO 4217) and how many digits follow their decimal point. */
export const currencyExponents = { USD: 2, EUR: 2, JPY: 0, KWD: 3 } as const;

export type Currency = keyof typeof currencyExponents;

export const currencies = Object.keys(currencyExponents) as Currency[];

/**
 * The largest amount, in minor units, that one message or order may carry. Far below 2^53, so that
 * a JSON number holds it exactly and sums of many stay exact too.
 */
export const amountMax = 1_000_000_000_000;
