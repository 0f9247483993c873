import { SaleBooked } from '@tradepost/contracts';
import { topic } from '@tradepost/messaging/contract';
import { IsString } from 'class-validator';
import { encodeBody, parseBody, parseJson } from '../src/body';
import { BadJson, InvalidBody } from '../src/errors';
import { Noted } from './contracts';

it.each([
  ['in a field', '{"orderId":', '}'],
  ['in an unknown field', '{"more":', '}'],
])('a body that is nested without end %s is invalid, now and for ever', (_where, before, after) => {
  const nested = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
  const content = Buffer.from(before + nested + after);

  expect(() => parseBody(SaleBooked, content)).toThrow(InvalidBody);
});

it('a body that is invalid is told where', () => {
  const parse = () => parseBody(Noted, Buffer.from('{"what":1}'));
  expect(parse).toThrow('/what what must be a string');
  expect(parse).not.toThrow('judged');
});

it.each(['null', '[1]', '[]', '1', '"text"', 'true', '{', ''])('no body is %j', (text) => {
  expect(() => parseJson(Buffer.from(text))).toThrow(BadJson);
  expect(parseJson(Buffer.from('{"a":1}'))).toEqual({ a: 1 });
});

it.each(['{"token":secret}', 'secret', `{"token":secret,"more":"${'x'.repeat(40)}"}`])(
  'what is no JSON is not quoted: %s',
  (text) => {
    const parse = () => parseJson(Buffer.from(text));
    expect(parse).toThrow(/^not JSON: Unexpected token '.'/);
    expect(parse).not.toThrow('ecr');
  },
);

class Shown {
  static readonly route = topic('shown', { anyText: true });

  @IsString()
  what!: string;
}

it.each(['\u0000', '\ud800'])(
  'what no database stores, %j, is for contracts of any text alone',
  (what) => {
    const content = Buffer.from(JSON.stringify({ what }));
    expect(parseBody(Shown, content)).toEqual({ what });
    expect(encodeBody(Shown, { what })).toBe(content.toString());
    expect(() => parseBody(Noted, content)).toThrow(InvalidBody);
    expect(() => encodeBody(Noted, { what })).toThrow(InvalidBody);
  },
);
