/** What a shop is made of, apart from all that it takes to run it. */
export const services = ['orders', 'users', 'financial', 'payments', 'log-sink'] as const;

export type Service = (typeof services)[number];
