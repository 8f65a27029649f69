/** Lines in the forms that firewalls send; all names, addresses and numbers are made up. */

type Values = Readonly<Record<string, string>>;

function pairs(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** The older format: a connection that ended. Values are written as they stand in the line, quotes included. */
export function aDeviceLine(more: Values = {}): string {
  return pairs({
    ...{ device: '"SFW"', date: '2026-01-31', time: '13:00:00', timezone: '"CET"' },
    ...{ device_name: '"branch-fw"', device_id: 'C0100TEST0001', log_id: '010101600001' },
    ...{ log_type: '"Firewall"', log_component: '"Firewall Rule"', log_subtype: '"Allowed"' },
    ...{ status: '"Allow"', priority: 'Information', duration: '12', fw_rule_id: '7' },
    ...{ user_name: '"ann@corp.example"', user_gp: '""', application: '"HTTP"' },
    ...{ src_mac: '', src_ip: '192.0.2.15', src_country_code: 'R1', dst_ip: '203.0.113.80' },
    ...{ dst_country_code: 'AUT', protocol: '"TCP"', src_port: '50123', dst_port: '443' },
    ...{ sent_pkts: '6 ', recv_pkts: '5', sent_bytes: '459', recv_bytes: '6060' },
    ...{ tran_src_ip: '198.51.100.2', tran_src_port: '0', srczone: '"LAN"', dstzone: '"WAN"' },
    ...{ connevent: '"Stop"', connid: '"16179"', hb_health: '"No Heartbeat"', message: '""' },
    ...more,
  });
}

/** The newer format: a connection that began. */
export function aCentralLine(more: Values = {}): string {
  return pairs({
    ...{ device_name: '"SFW"', timestamp: '"2026-01-31T13:00:00+0100"', device_model: '"XGS99"' },
    ...{ device_serial_id: '"X0100TEST0002"', log_id: '"010101600001"', log_type: '"Firewall"' },
    ...{ log_component: '"Firewall Rule"', log_subtype: '"Allowed"', log_version: '1' },
    ...{
      severity: '"Information"',
      fw_rule_id: '"7"',
      src_ip: '"192.0.2.15"',
      src_country: '"R1"',
    },
    ...{ dst_ip: '"203.0.113.80"', dst_country: '"AUT"', protocol: '"TCP"', src_port: '50123' },
    ...{ dst_port: '443', packets_sent: '2 ', packets_received: '3', bytes_sent: '168' },
    ...{
      bytes_received: '170',
      src_trans_ip: '"198.51.100.2"',
      src_zone: '"LAN"',
      dst_zone: '"WAN"',
    },
    ...{ con_event: '"Start"', con_id: '"31539"', hb_status: '"Red"' },
    ...more,
  });
}

/** A line of another log of the older format, with its own names only. */
export function aLogLine(type: string, component: string, subtype: string, more: Values): string {
  return pairs({
    ...{ device: '"SFW"', date: '2026-01-31', time: '13:00:00', timezone: '"CET"' },
    ...{ device_name: '"branch-fw"', device_id: 'C0100TEST0001', log_id: '000000600001' },
    ...{ log_type: `"${type}"`, log_component: `"${component}"`, log_subtype: `"${subtype}"` },
    ...more,
  });
}
