/** A statement with a name is planned once a connection and then only bound and run. */
export interface Statement {
  name: string;
  text: string;
}
