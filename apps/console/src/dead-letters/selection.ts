import type { Selection } from '@tradepost/messaging';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
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
  @IsInt()
  @Min(1)
  @Max(100_000)
  rate?: number;
}

export class UndoBody {
  @IsString()
  @Length(1, 64)
  service!: string;

  @IsInt()
  @Min(1)
  operation!: number;
}

/** As services take it: an id is one of `ids`. */
export function selectionFor({ id, ids, ...rest }: DeadLetterSelection): Selection {
  const all = id === undefined ? ids : [...(ids ?? []), id];
  return { ...rest, ...(all && { ids: all }) };
}
