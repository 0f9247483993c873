import { IsEmail, IsIn, IsString, Length } from 'class-validator';
import { rpc } from '@tradepost/messaging/contract';

export const userStatuses = ['active', 'suspended'] as const;

export type UserStatus = (typeof userStatuses)[number];

export class User {
  static readonly sample: User = {
    id: '1',
    name: 'Paul Jhon',
    email: 'paul.jhon@example.com',
    status: 'active',
  };

  @IsString()
  @Length(1, 64)
  id!: string;

  @IsString()
  @Length(1, 200)
  name!: string;

  @IsEmail()
  email!: string;

  @IsIn(userStatuses)
  status!: UserStatus;
}

/** Asked of users: who is this? Answers a `User`; an unknown id is `Rejected('user_unknown')`. */
export class GetUser {
  static readonly route = rpc('users.get-user', User, { readOnly: true });
  static readonly sample: GetUser = { id: '1' };

  @IsString()
  @Length(1, 64)
  id!: string;
}
