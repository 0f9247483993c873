import { Body, Controller, Get, HttpCode, Ip, Param, Post } from '@nestjs/common';
import { IsIntBetween, Open } from '@tradepost/service';
import { IsOptional, IsString } from 'class-validator';
import type { DrillsState } from './api/drills';
import { AskDrills } from './drills/ask-drills';

class DrillBody {
  @IsOptional()
  @IsString()
  service?: string;

  @IsOptional()
  @IsIntBetween(1, 60)
  seconds?: number;
}

@Controller('api/drills')
@Open('its guard wants a signed-in session')
export class DrillsController {
  constructor(private readonly drills: AskDrills) {}

  @Get()
  async show(): Promise<DrillsState> {
    return this.drills.read();
  }

  @Post('audit')
  @HttpCode(202)
  async audit(@Ip() ip: string): Promise<DrillsState> {
    return this.drills.begin('audit', {}, `console ${ip}`);
  }

  @Post(':name')
  @HttpCode(200)
  async begin(
    @Param('name') name: string,
    @Body() asked: DrillBody,
    @Ip() ip: string,
  ): Promise<DrillsState> {
    return this.drills.begin(name, asked, `console ${ip}`);
  }
}
