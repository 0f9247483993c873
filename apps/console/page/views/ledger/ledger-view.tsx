import { EmptyState } from '../../parts/states';
import { View } from '../../parts/view';

export default function LedgerView() {
  return (
    <View title="Ledger" line="What was booked, and whether it balances.">
      <EmptyState title="Nothing here yet" />
    </View>
  );
}
