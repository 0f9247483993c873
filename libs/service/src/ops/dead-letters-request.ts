import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
} from 'class-validator';
import { bulkPageMax, pageQuery } from '../http/page';

/** Which dead letters: by id, by queue, by error code, or by several of these. */
export class SelectionQuery {
  @IsOptional()
  @IsString()
  @Length(1, 255)
  queue?: string;

  @IsOptional()
  @IsString()
  @Length(1, 255)
  code?: string;
}

/** The query of the list of single dead letters. */
export class DeadLettersQuery extends pageQuery(bulkPageMax) {
  @IsOptional()
  @IsString()
  @Length(1, 255)
  queue?: string;

  @IsOptional()
  @IsString()
  @Length(1, 255)
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
  @IsInt()
  @Min(1)
  @Max(100_000)
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
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  operation!: number;
}
