import { IsEmail, Length, Matches } from 'class-validator';

export class NewUser {
  @Length(1, 200)
  @Matches(/\S/, { message: 'name must not be blank' })
  name!: string;

  @IsEmail()
  email!: string;
}
