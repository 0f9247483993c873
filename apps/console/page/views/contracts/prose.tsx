/** A description of the code: what stands in backticks is code. */
export function Coded({ text }: { text: string }) {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}

/** A paragraph of it, where there is one. */
export function Prose({ text, className }: { text: string; className?: string }) {
  if (text === '') return null;
  return (
    <p className={className}>
      <Coded text={text} />
    </p>
  );
}
