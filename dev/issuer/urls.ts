export const usualPort = 3100;

/** PORT_ISSUER. @throws when it is no port */
export function issuerPort(env: NodeJS.ProcessEnv): number {
  const port = Number(env.PORT_ISSUER || usualPort);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new Error(`PORT_ISSUER is "${env.PORT_ISSUER}"; a port is 1 to 65535`);
}

export function issuerUrl(port: number): string {
  return `http://localhost:${port}`;
}

export function jwksUrl(issuer: string): string {
  return `${issuer}/.well-known/jwks.json`;
}

export function tokenUrl(issuer: string): string {
  return `${issuer}/token`;
}
