import { ActionIcon, Popover, TextInput } from '@mantine/core';
import { IconHelp, IconSearch, IconX } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { withoutTerm, type Term } from './terms';
import classes from './search-box.module.css';

interface Props {
  label: string;
  placeholder: string;
  /** What is searched for now. */
  text: string;
  terms: Term[];
  problems: string[];
  onText: (text: string) => void;
  /** What can be written, by example. */
  examples: [example: string, meaning: string][];
}

/** One box for everything: it searches at `enter`, and shows as chips what it understood. */
export function SearchBox({ label, placeholder, text, terms, problems, onText, examples }: Props) {
  const [draft, setDraft] = useState(text);
  const [seen, setSeen] = useState(text);
  if (seen !== text) {
    setSeen(text);
    setDraft(text);
  }
  return (
    <form
      className={classes.form}
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onText(draft.trim());
      }}
    >
      <TextInput
        type="search"
        size="xs"
        className={classes.input}
        aria-label={label}
        placeholder={placeholder}
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={draft.trim() === text ? <Examples examples={examples} /> : <Return />}
        rightSectionWidth={draft.trim() === text ? 30 : 60}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault();
          setDraft(text);
          event.currentTarget.blur();
        }}
      />
      <Terms terms={terms} onRemove={(index) => onText(withoutTerm(text, index))} />
      {problems.map((problem) => (
        <p key={problem} className={classes.problem} role="alert">
          {problem}
        </p>
      ))}
    </form>
  );
}

function Terms({ terms, onRemove }: { terms: Term[]; onRemove: (index: number) => void }) {
  if (terms.length === 0) return null;
  return (
    <ul className={classes.terms} aria-label="What is searched for">
      {terms.map(({ key, value, text }, index) => (
        <li key={`${index} ${text}`} className={classes.term}>
          {key !== undefined && <span className="muted">{key}</span>}
          <span className={classes.value}>{value}</span>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={18}
            aria-label={`Leave out ${text}`}
            onClick={() => onRemove(index)}
          >
            <IconX size={12} />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}

function Return() {
  return (
    <button type="submit" className={classes.submit}>
      Search ↵
    </button>
  );
}

function Examples({ examples }: { examples: [string, string][] }): ReactNode {
  return (
    <Popover width={380} position="bottom-end" withinPortal>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label="What can be searched for">
          <IconHelp size={14} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <dl className={classes.examples}>
          {examples.map(([example, meaning]) => (
            <div key={example}>
              <dt>
                <code>{example}</code>
              </dt>
              <dd className="muted">{meaning}</dd>
            </div>
          ))}
        </dl>
      </Popover.Dropdown>
    </Popover>
  );
}
