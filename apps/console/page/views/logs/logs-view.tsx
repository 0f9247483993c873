import { EmptyState } from '../../parts/states';
import { View } from '../../parts/view';

export default function LogsView() {
  return (
    <View title="Logs" line="What the services say, as they say it.">
      <EmptyState title="Nothing here yet" />
    </View>
  );
}
