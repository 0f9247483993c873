import { Problem } from '../http/problem';

/** How a client should ask (RFC 6750, 3). Nothing is said of a token that is not there. */
const challenge = 'Bearer realm="tradepost"';

export function tokenRequired(): Problem {
  return new Problem({
    status: 401,
    type: 'token-required',
    title: 'This address requires a bearer token',
    detail: 'send Authorization: Bearer <token>',
    headers: { 'www-authenticate': challenge },
  });
}

/** @param why of our own words: no part of the token */
export function invalidToken(why: string): Problem {
  return new Problem({
    status: 401,
    type: 'invalid-token',
    title: 'The bearer token is not valid',
    detail: why,
    headers: {
      'www-authenticate': `${challenge}, error="invalid_token", error_description="${why}"`,
    },
  });
}

export function insufficientScope(scope: string): Problem {
  return new Problem({
    status: 403,
    type: 'insufficient-scope',
    title: 'The bearer token does not permit this',
    detail: `it needs the scope ${scope}`,
    headers: { 'www-authenticate': `${challenge}, error="insufficient_scope", scope="${scope}"` },
  });
}

/** A customer's token, where only a program's or an operator's may go. */
export function notForCustomers(): Problem {
  return new Problem({
    status: 403,
    type: 'not-for-customers',
    title: 'This address is not for customers',
    detail: "a customer's token reaches that customer's orders alone",
  });
}

/** Another replica, or this one a little later, may know. */
export function keysUnavailable(): Problem {
  return new Problem({
    status: 503,
    type: 'keys-unavailable',
    title: 'The bearer token cannot be checked now',
    detail: 'the keys of its issuer cannot be read: ask again later',
    headers: { 'retry-after': '5' },
  });
}
