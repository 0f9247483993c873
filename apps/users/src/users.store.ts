import { Injectable } from '@nestjs/common';
import type { User } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import { v7 } from 'uuid';

const selectUser = {
  name: 'users-select-user',
  text: 'SELECT id, name, email, status FROM users WHERE id = $1',
};

const selectUsers = {
  name: 'users-select-users',
  text: 'SELECT id, name, email, status FROM users WHERE id = ANY($1)',
};

const listUsers = {
  name: 'users-list-users',
  text: `SELECT id, name, email, status FROM users
         WHERE id > $1 ORDER BY id LIMIT $2`,
};

const insertUser = {
  name: 'users-insert-user',
  text: `INSERT INTO users (id, name, email, mailbox) VALUES ($1, $2, $3, $4)
         ON CONFLICT (mailbox) DO NOTHING
         RETURNING id, name, email, status`,
};

@Injectable()
export class UsersStore {
  constructor(private readonly db: Db) {}

  async find(id: string): Promise<User | undefined> {
    const [user] = await this.db.query<User>(selectUser, [id]);
    return user;
  }

  /** Those after the id `after`. */
  async list(after: string, limit: number): Promise<User[]> {
    return this.db.query<User>(listUsers, [after, limit]);
  }

  /** @returns those that there are, by id */
  async findEach(ids: string[]): Promise<Map<string, User>> {
    const users = await this.db.query<User>(selectUsers, [ids]);
    return new Map(users.map((user) => [user.id, user]));
  }

  /** @returns undefined when another user has the email address */
  async add({ name, email }: Pick<User, 'name' | 'email'>): Promise<User | undefined> {
    const [user] = await this.db.query<User>(insertUser, [v7(), name, email, mailboxOf(email)]);
    return user;
  }
}

/** The same for every spelling of an address: in either case, composed (é) or not (e and ´). */
function mailboxOf(email: string): string {
  return email.toLowerCase().normalize('NFC');
}
