/**
 * | request | answer |
 * |---|---|
 * | GET  /api/session | Session |
 * | POST /api/session {token} | Session, and a cookie; 401 or 403 for another token |
 */

export interface Session {
  /** No token is asked for: development on this machine. */
  open: boolean;
  /** What is given as the token: OPS_TOKEN; or, with AUTH=jwt, a bearer token with scope `ops`. */
  wants: 'ops-token' | 'bearer-token';
  signedIn: boolean;
  /** `npm start` runs the system: drills can break it. */
  drills: boolean;
  /** The version of the page that this server serves; another one means: load anew. */
  page: string;
}
