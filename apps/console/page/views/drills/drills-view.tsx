import { EmptyState } from '../../parts/states';
import { View } from '../../parts/view';

export default function DrillsView() {
  return (
    <View title="Drills" line="Break it, and watch it recover.">
      <EmptyState title="Nothing here yet" />
    </View>
  );
}
