import { useRef } from 'react';
import type { TextProblem } from './body-text';
import classes from './body-editor.module.css';

interface Props {
  text: string;
  problems: TextProblem[];
  onText: (text: string) => void;
}

const lineHeight = 18;

/** A body to edit, with each of its mistakes at its line. */
export function BodyEditor({ text, problems, onText }: Props) {
  const gutter = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const lines = text.split('\n').length;
  const marked = new Map<number, string>();
  for (const { line, message } of problems) {
    if (line !== undefined)
      marked.set(line, [marked.get(line), message].filter(Boolean).join('; '));
  }
  const goTo = (line: number) => {
    const at =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length + (line > 1 ? 1 : 0);
    area.current?.focus();
    area.current?.setSelectionRange(at, at + (text.split('\n')[line - 1]?.length ?? 0));
    area.current?.scrollTo({ top: Math.max(0, (line - 4) * lineHeight) });
  };
  return (
    <div className={classes.editor}>
      <div className={classes.box}>
        <div ref={gutter} className={classes.gutter} aria-hidden>
          {Array.from({ length: lines }, (_, index) => (
            <div key={index} data-wrong={marked.has(index + 1)} title={marked.get(index + 1)}>
              {index + 1}
            </div>
          ))}
        </div>
        <textarea
          ref={area}
          className={classes.text}
          aria-label="Body"
          aria-invalid={problems.length > 0}
          aria-describedby="body-problems"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          wrap="off"
          rows={Math.min(24, Math.max(8, lines + 1))}
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
          onScroll={(event) => gutter.current?.scrollTo({ top: event.currentTarget.scrollTop })}
        />
      </div>
      <Problems problems={problems} onGo={goTo} />
    </div>
  );
}

function Problems({ problems, onGo }: { problems: TextProblem[]; onGo: (line: number) => void }) {
  return (
    <ul id="body-problems" className={classes.problems}>
      {problems.map(({ line, pointer, message }, at) => (
        <li key={at}>
          {line !== undefined && (
            <button type="button" className={classes.line} onClick={() => onGo(line)}>
              line {line}
            </button>
          )}{' '}
          {pointer && <code>{pointer}</code>} {message}
        </li>
      ))}
    </ul>
  );
}
