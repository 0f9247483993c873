import { Agent, request } from 'node:http';
import { Body, Controller, HttpCode, Module, Post, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Customer, customerOf, GetCustomer } from '../rpc/customer';
import { checked, fromJson, rpcPrefetch } from './peer';
import type { Peer } from './peer';

/**
 * The same question over HTTP, between two Nest services on Fastify: node:http with an agent that
 * keeps its connections, one for each question in flight.
 */

@Controller('customers')
class Customers {
  @Post('get')
  @HttpCode(200)
  async get(
    @Body(new ValidationPipe({ transform: true, whitelist: true })) question: GetCustomer,
  ): Promise<Customer> {
    return customerOf(question);
  }
}

@Module({ controllers: [Customers] })
class Root {}

export const http: Peer = {
  server: async ({ port }) => {
    const adapter = new FastifyAdapter();
    const app = await NestFactory.create<NestFastifyApplication>(Root, adapter, {
      logger: ['warn', 'error'],
    });
    await app.listen(port, '127.0.0.1');
  },
  caller: async ({ port }) => {
    const agent = new Agent({ keepAlive: true, maxSockets: rpcPrefetch });
    const target = { host: '127.0.0.1', port, path: '/customers/get', method: 'POST', agent };
    return async (question) => {
      const body = JSON.stringify(question);
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      const content = await new Promise<Buffer>((resolve, reject) => {
        const asked = request({ ...target, headers }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const whole = Buffer.concat(chunks);
            if (response.statusCode === 200) resolve(whole);
            else reject(new Error(`${response.statusCode}: ${whole.toString()}`));
          });
        });
        asked.on('error', reject);
        asked.end(body);
      });
      return checked(Customer, fromJson(content));
    };
  },
};
