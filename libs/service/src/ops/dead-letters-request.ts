import { applyDecorators } from '@nestjs/common';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsObject,
  IsOptional,
  IsString,
  Length,
} from 'class-validator';
import { IsIntBetween } from '../config/rules';
import { bulkPageMax, pageQuery } from '../http/page';

const IsOptionalName = () => applyDecorators(Length(1, 255), IsString(), IsOptional());

/** Which dead letters: by id, by queue, by error code, or by several of these. */
export class SelectionQuery {
  @IsOptionalName()
  queue?: string;

  @IsOptionalName()
  code?: string;
}

/** The query of the list of single dead letters. */
export class DeadLettersQuery extends pageQuery(bulkPageMax) {
  @IsOptionalName()
  queue?: string;

  @IsOptionalName()
  code?: string;
}

export class DiscardBody extends SelectionQuery {
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @IsString({ each: true })
  ids?: string[];
}

export class ReplayBody extends DiscardBody {
  /** Messages a second at most. */
  @IsOptional()
  @IsIntBetween(1, 100_000)
  rate?: number;

  /** Shows the effect and does nothing. */
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;

  /** Sent instead of the dead letter's own content; for one dead letter. */
  @IsOptional()
  @IsObject()
  body?: object;
}

export class UndoBody {
  @IsIntBetween(1, Number.MAX_SAFE_INTEGER)
  operation!: number;
}
