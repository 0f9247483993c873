import { IsEmail, Length, Matches } from 'class-validator';

export class NewUser {
  static readonly sample: NewUser = { name: 'Ada Example', email: 'ada@example.com' };

  @Length(1, 200)
  @Matches(/\S/, { message: 'name must not be blank' })
  name!: string;

  @IsEmail()
  email!: string;
}
