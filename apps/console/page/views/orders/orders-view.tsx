import { EmptyState } from '../../parts/states';
import { View } from '../../parts/view';

export default function OrdersView() {
  return (
    <View title="Orders" line="The newest first, live.">
      <EmptyState title="Nothing here yet" />
    </View>
  );
}
