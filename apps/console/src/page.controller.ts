import { Controller, Get, Req, Res } from '@nestjs/common';
import { Open, routeNotFound } from '@tradepost/service';
import { PageFiles } from './page/page-files';
import type { ConsoleRequest, RawReply } from './session/request';

/** What no other address takes: the page's files, and its own addresses, which are the document. */
@Controller()
@Open('the page itself tells nothing')
export class PageController {
  constructor(private readonly files: PageFiles) {}

  @Get('*')
  show(@Req() request: ConsoleRequest, @Res() reply: RawReply): void {
    const [path = ''] = request.url.split('?', 1);
    if (/^\/(api|health|ops)(\/|$)/.test(path)) throw routeNotFound(request.url);
    const isFile = (path.split('/').at(-1) ?? '').includes('.');
    if (isFile && !this.files.sendFile(request.raw, reply.raw)) throw routeNotFound(request.url);
    reply.hijack();
    if (!isFile) this.files.sendDocument(reply.raw, request.method === 'HEAD');
  }
}
