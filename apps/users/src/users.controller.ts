import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import type { User } from '@tradepost/contracts';
import {
  decodeCursor,
  type HttpReply,
  notFound,
  type Page,
  PageQuery,
  Problem,
  Scope,
  toPage,
} from '@tradepost/service';
import { NewUser } from './new-user';
import { UsersStore } from './users.store';

@Controller('v1/users')
@Scope('users:read')
export class UsersController {
  constructor(private readonly users: UsersStore) {}

  /** Add a user. */
  @Post()
  @Scope('users:write')
  async create(
    @Body() newUser: NewUser,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<User> {
    const user = await this.users.add(newUser);
    if (!user) throw emailTaken(newUser.email);
    reply.header('location', `/v1/users/${user.id}`);
    return user;
  }

  /** List users. In the order of their ids, which are texts. */
  @Get()
  async list(@Query() { cursor, limit }: PageQuery): Promise<Page<User>> {
    const [after] = cursor === undefined ? [''] : decodeCursor(cursor, 'string');
    return toPage(await this.users.list(after, limit + 1), limit, ({ id }) => [id]);
  }

  /** Show a user. */
  @Get(':id')
  async get(@Param('id') id: string): Promise<User> {
    const user = await this.users.find(id);
    if (!user) throw notFound('user', `There is no user ${id}`);
    return user;
  }
}

function emailTaken(email: string): Problem {
  return new Problem({
    status: 409,
    type: 'email-taken',
    title: 'Another user has this email address',
    detail: email,
    errors: [{ pointer: '/email', detail: 'must be of no other user' }],
  });
}
