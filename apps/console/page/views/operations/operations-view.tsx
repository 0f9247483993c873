import { EmptyState } from '../../parts/states';
import { View } from '../../parts/view';

export default function OperationsView() {
  return (
    <View title="Operations" line="Who did what, when, to which messages.">
      <EmptyState title="Nothing here yet" />
    </View>
  );
}
