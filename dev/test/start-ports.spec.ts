import { readPorts } from '../start/ports';

it('takes a port from its variable, and the usual one without it', () => {
  expect(readPorts({ PORT_LOG_SINK: '4004', PORT_USERS: '' })).toMatchObject({
    'log-sink': 4004,
    users: 3001,
  });
});

it.each(['x', '0', '65536', '1.5'])('refuses %s for a port', (PORT_ORDERS) => {
  expect(() => readPorts({ PORT_ORDERS })).toThrow(`PORT_ORDERS is "${PORT_ORDERS}"`);
});

it('minds the port of the gateway only when that runs', () => {
  const env = { PORT_ORDERS: '3005' };
  expect(readPorts(env)).toMatchObject({ orders: 3005 });
  expect(() => readPorts(env, ['sandbox-gateway', 'orders'])).toThrow('PORT_SANDBOX_GATEWAY');
});

it('refuses one port for two services, also when one of them has it by default', () => {
  expect(() => readPorts({ PORT_USERS: '3000' })).toThrow('set PORT_ORDERS or PORT_USERS');
});
