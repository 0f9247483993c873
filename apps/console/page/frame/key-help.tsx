import { Kbd, Modal } from '@mantine/core';

const keys: [keys: string[], what: string][] = [
  [['/'], 'Search this view'],
  [['j', 'k'], 'The next row, the one before'],
  [['enter'], 'Open it'],
  [['esc'], 'Close what is open'],
  [['g', 'f'], 'Flow'],
  [['g', 'o'], 'Orders'],
  [['g', 'd'], 'Dead letters'],
  [['g', 'l'], 'Logs'],
  [['g', 'b'], 'Ledger (books)'],
  [['g', 't'], 'Topology'],
  [['g', 'c'], 'Contracts'],
  [['g', 'p'], 'Operations'],
  [['g', 'r'], 'Drills'],
  [['?'], 'These keys'],
];

export default function KeyHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" size="sm">
      <table className="rows">
        <tbody>
          {keys.map(([names, what]) => (
            <tr key={what}>
              <td className="nowrap">
                {names.map((name) => (
                  <Kbd key={name} mr={4}>
                    {name}
                  </Kbd>
                ))}
              </td>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
