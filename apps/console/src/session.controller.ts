import { Body, Controller, Get, HttpCode, Ip, Logger, Post, Req, Res } from '@nestjs/common';
import { type HttpReply, Open, reasonOf } from '@tradepost/service';
import { IsString, Length } from 'class-validator';
import type { Session } from './api/session';
import { ConsoleConfig } from './console.config';
import { PageFiles } from './page/page-files';
import { SignIn } from './session/sign-in';
import type { ConsoleRequest } from './session/request';

class SessionRequest {
  @IsString()
  // The longest bearer token that is looked at, and a newline at its end.
  @Length(1, 8_200)
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
    return this.session(this.signIn.sessionIn(headers.cookie) !== undefined);
  }

  @Post()
  @HttpCode(200)
  async enter(
    @Body() { token }: SessionRequest,
    @Req() { protocol }: ConsoleRequest,
    @Ip() ip: string,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<Session> {
    if (this.signIn.isOpen) return this.session(true);
    const entered = await this.signIn.enter(token.trim()).catch((error: unknown) => {
      this.log.warn('sign-in refused', { ip, error: reasonOf(error) });
      throw error;
    });
    this.log.log('signed in', { ip, caller: entered.caller });
    reply.header('set-cookie', this.signIn.cookie(entered, protocol === 'https'));
    return this.session(true);
  }

  private session(signedIn: boolean): Session {
    const { DRILLS_URL } = this.config;
    const { isOpen: open, wants } = this.signIn;
    return { open, wants, signedIn, drills: DRILLS_URL !== undefined, page: this.files.version };
  }
}
