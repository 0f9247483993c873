/**
 * | request | answer |
 * |---|---|
 * | GET  /api/session | Session |
 * | POST /api/session {token} | Session, and a cookie; 401 when the token is wrong |
 */

export interface Session {
  /** No token is asked for: development on this machine. */
  open: boolean;
  signedIn: boolean;
  /** `npm start` runs the system: drills can break it. */
  drills: boolean;
  /** The version of the page that this server serves; another one means: load anew. */
  page: string;
}
