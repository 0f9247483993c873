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

class Selection implements DeadLetterSelection {
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
  messageId?: string;

  @IsOptional()
  @IsString()
  contract?: string;

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
  @Type(() => Selection)
  selection!: Selection;
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

/** As services take it: a contract is a `type` there, and a message's id one of `ids`. */
export function selectionFor({ contract, messageId, ids, ...rest }: DeadLetterSelection): object {
  const all = messageId === undefined ? ids : [...(ids ?? []), messageId];
  return { ...rest, ...(contract !== undefined && { type: contract }), ...(all && { ids: all }) };
}

/** The same, of a query. */
export function searchParams(params: URLSearchParams): URLSearchParams {
  const names: Record<string, string> = { contract: 'type', messageId: 'id' };
  const renamed = new URLSearchParams();
  for (const [name, value] of params) renamed.set(names[name] ?? name, value);
  return renamed;
}
