import { Body, Controller, Get, HttpCode, Ip, Logger, Post, Req, Res } from '@nestjs/common';
import { type HttpReply, Open, Problem } from '@tradepost/service';
import { IsString, Length } from 'class-validator';
import type { Session } from './api/session';
import { ConsoleConfig } from './console.config';
import { PageFiles } from './page/page-files';
import { SignIn } from './session/sign-in';
import type { ConsoleRequest } from './session/request';

class SessionRequest {
  @IsString()
  @Length(1, 200)
  token!: string;
}

@Controller('api/session')
@Open('it signs in')
export class SessionController {
  private readonly log = new Logger(SessionController.name);

  constructor(
    private readonly config: ConsoleConfig,
    private readonly signIn: SignIn,
    private readonly files: PageFiles,
  ) {}

  @Get()
  show(@Req() { headers }: ConsoleRequest): Session {
    return this.session(this.signIn.admits(headers.cookie));
  }

  @Post()
  @HttpCode(200)
  enter(
    @Body() { token }: SessionRequest,
    @Req() { protocol }: ConsoleRequest,
    @Ip() ip: string,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Session {
    if (this.signIn.isOpen) return this.session(true);
    if (!this.signIn.isToken(token.trim())) {
      this.log.warn('sign-in refused', { ip });
      throw new Problem({
        status: 401,
        type: 'wrong-token',
        title: 'That is not the ops token',
      });
    }
    reply.header('set-cookie', this.signIn.cookie(protocol === 'https'));
    return this.session(true);
  }

  private session(signedIn: boolean): Session {
    const { DRILLS_URL } = this.config;
    const { isOpen: open } = this.signIn;
    return { open, signedIn, drills: DRILLS_URL !== undefined, page: this.files.version };
  }
}
