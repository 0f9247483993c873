/** Of Tradepost: that of package.json, which is not where a service runs. */
export const version = '0.1.0';
