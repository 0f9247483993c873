import { Connection, connectionConfig } from '../src/connection';

describe('a connection that the server ends before anybody listens', () => {
  it('ends no process', () => {
    const config = connectionConfig('postgres://role:secret@127.0.0.1:1/none', { advice: '' });
    const connection = new Connection(config);
    expect(connection.emit('error', new Error('terminating connection'))).toBe(true);
  });
});
