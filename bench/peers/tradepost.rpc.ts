import { Injectable } from '@nestjs/common';
import { OnRpc, type Received } from '@tradepost/messaging';
import { Customer, customerOf, GetCustomer, GetCustomerOfBatch } from '../rpc/customer';

@Injectable()
export class GetCustomerRpc {
  @OnRpc(GetCustomer)
  async handle(question: GetCustomer): Promise<Customer> {
    return customerOf(question);
  }
}

@Injectable()
export class GetCustomersRpc {
  @OnRpc(GetCustomerOfBatch, { batch: { size: 64 } })
  async handle(questions: Received<GetCustomerOfBatch>[]): Promise<Customer[]> {
    return questions.map(({ body }) => customerOf(body));
  }
}
