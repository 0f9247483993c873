import { applyDecorators } from '@nestjs/common';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  Length,
} from 'class-validator';
import { IsIntBetween } from '../config/rules';
import { IsFieldFilter } from '../http/field-filter';
import { bulkPageMax, pageQuery } from '../http/page';

const IsOptionalName = () => applyDecorators(Length(1, 255), IsString(), IsOptional());
const IsOptionalTime = () => applyDecorators(IsISO8601({ strict: true }), IsOptional());

/** Which dead letters: what is given must all hold. */
class SelectionQuery {
  @IsOptionalName()
  queue?: string;

  @IsOptionalName()
  code?: string;

  /** The contract's name. */
  @IsOptionalName()
  type?: string;

  /** Of the body, at any depth. */
  @IsFieldFilter()
  field?: Record<string, string>;

  /** Anywhere in the body or the error. */
  @IsOptionalName()
  q?: string;

  /** Last failed from, and before. */
  @IsOptionalTime()
  from?: string;

  @IsOptionalTime()
  to?: string;
}

/** The query of the list of causes. */
export class CausesQuery extends SelectionQuery {
  @IsOptionalName()
  id?: string;
}

/** The query of the list of single dead letters. */
export class DeadLettersQuery extends pageQuery(bulkPageMax, CausesQuery) {}

export class DiscardBody extends SelectionQuery {
  static readonly sample: DiscardBody = { code: 'invalid_body', from: '2026-11-01' };

  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @IsString({ each: true })
  ids?: string[];
}

export class CheckBody extends DiscardBody {
  /** Instead of the dead letter's own content; for one dead letter. */
  @IsOptional()
  @IsObject()
  body?: object;
}

export class ReplayBody extends CheckBody {
  static override readonly sample: ReplayBody = { ...DiscardBody.sample, rate: 100 };

  /** Messages a second at most. */
  @IsOptional()
  @IsIntBetween(1, 100_000)
  rate?: number;
}

export class UndoBody {
  static readonly sample: UndoBody = { operation: 1 };

  @IsIntBetween(1, Number.MAX_SAFE_INTEGER)
  operation!: number;
}
