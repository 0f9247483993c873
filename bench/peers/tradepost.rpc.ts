import { Injectable } from '@nestjs/common';
import { OnRpc } from '@tradepost/messaging';
import { Customer, customerOf, GetCustomer } from '../rpc/customer';

@Injectable()
export class GetCustomerRpc {
  @OnRpc(GetCustomer)
  async handle(question: GetCustomer): Promise<Customer> {
    return customerOf(question);
  }
}
