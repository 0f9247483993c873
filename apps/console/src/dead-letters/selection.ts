import type { Selection } from '@tradepost/messaging';
import { IsIntBetween } from '@tradepost/service';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsObject,
  IsOptional,
  IsString,
  Length,
  ValidateNested,
} from 'class-validator';
import type { DeadLetterSelection } from '../api/dead-letters';

class SelectionFields implements DeadLetterSelection {
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @IsString({ each: true })
  ids?: string[];

  @IsOptional()
  @IsString()
  queue?: string;

  @IsOptional()
  @IsString()
  code?: string;

  @IsOptional()
  @IsString()
  id?: string;

  @IsOptional()
  @IsString()
  type?: string;

  @IsOptional()
  @IsObject()
  field?: Record<string, string>;

  @IsOptional()
  @IsString()
  q?: string;

  @IsOptional()
  @IsString()
  from?: string;

  @IsOptional()
  @IsString()
  to?: string;
}

export class SelectionBody {
  @IsObject()
  @ValidateNested()
  @Type(() => SelectionFields)
  selection!: SelectionFields;
}

export class CheckBody extends SelectionBody {
  @IsOptional()
  @IsObject()
  body?: object;
}

export class ReplayBody extends CheckBody {
  @IsOptional()
  @IsIntBetween(1, 100_000)
  rate?: number;
}

export class UndoBody {
  @IsString()
  @Length(1, 64)
  service!: string;

  @IsIntBetween(1, Number.MAX_SAFE_INTEGER)
  operation!: number;
}

/** As services take it: an id is one of `ids`. */
export function selectionFor({ id, ids, ...rest }: DeadLetterSelection): Selection {
  const all = id === undefined ? ids : [...(ids ?? []), id];
  return { ...rest, ...(all && { ids: all }) };
}
