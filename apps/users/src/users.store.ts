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

const insertUser = {
  name: 'users-insert-user',
  text: `INSERT INTO users (id, name, email) VALUES ($1, $2, $3)
         ON CONFLICT (lower(email)) DO NOTHING
         RETURNING id, name, email, status`,
};

@Injectable()
export class UsersStore {
  constructor(private readonly db: Db) {}

  async find(id: string): Promise<User | undefined> {
    const [user] = await this.db.query<User>(selectUser, [id]);
    return user;
  }

  /** @returns those that there are, by id */
  async findEach(ids: string[]): Promise<Map<string, User>> {
    // PostgreSQL refuses a NUL, and with it the ids of all others.
    const possible = ids.filter((id) => !id.includes('\0'));
    const users = await this.db.query<User>(selectUsers, [possible]);
    return new Map(users.map((user) => [user.id, user]));
  }

  /** @returns undefined when another user has the email address */
  async add({ name, email }: Pick<User, 'name' | 'email'>): Promise<User | undefined> {
    const [user] = await this.db.query<User>(insertUser, [v7(), name, email]);
    return user;
  }
}
