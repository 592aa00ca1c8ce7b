"""WeChat Pay's side of the APIv3 wire: partners, payments, refunds, bills, callbacks."""
