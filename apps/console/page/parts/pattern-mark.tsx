import type { Pattern } from '@tradepost/messaging/ops';
import { patterns, shapes } from './patterns';
import classes from './small.module.css';

/** A pattern's shape in its colour; with its word, unless that stands beside it. */
export function PatternMark({ pattern, word, size = 12 }: Props) {
  const mark = (
    <svg
      className={classes.mark}
      viewBox="0 0 12 12"
      width={size}
      height={size}
      {...(word ? { 'aria-hidden': true } : { role: 'img', 'aria-label': pattern })}
    >
      <path d={shapes[pattern]} fill={patterns[pattern].colour} />
    </svg>
  );
  return word ? (
    <span className="nowrap">
      {mark} {pattern}
    </span>
  ) : (
    mark
  );
}

interface Props {
  pattern: Pattern;
  word?: boolean;
  size?: number;
}
