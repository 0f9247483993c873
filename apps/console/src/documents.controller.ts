import { Controller, Get, Param } from '@nestjs/common';
import { Open } from '@tradepost/service';
import type { MessageDocuments, RouteDocuments } from './api/documents';
import { ReadDocuments } from './documents/read-documents';

@Controller('api/documents')
@Open('its guard wants a signed-in session')
export class DocumentsController {
  constructor(private readonly documents: ReadDocuments) {}

  @Get('messages')
  messages(): MessageDocuments {
    return this.documents.messages();
  }

  @Get('routes')
  async routes(): Promise<RouteDocuments> {
    return this.documents.routes();
  }

  @Get('asyncapi.json')
  asyncApi(): object {
    return this.documents.asyncApi();
  }

  @Get('openapi/:service')
  async openApi(@Param('service') service: string): Promise<object> {
    return this.documents.openApi(service);
  }
}
